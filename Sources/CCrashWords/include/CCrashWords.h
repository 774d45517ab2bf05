#pragma once

// What a process writes down while it works, and its last words when a signal ends it.
//
// The words are written by a signal handler, in a process whose memory may be damaged and whose locks may be
// held. Only calls that POSIX allows there are made, nothing is allocated, and nothing of Swift's runtime is
// entered, which is why this is C.

/// A small file that says what runs; opaque, made once for a file and never freed.
struct orbit_running_record;

/// Takes a file, open for writing, that says what runs. Returns NULL when there is no memory.
///
/// From now on a crash is written into this file. `version` is the program's, `session` the number under which
/// the history knows this process.
struct orbit_running_record *orbit_running_record_make(
    int descriptor, const char *version, long session);

/// Says that a cell runs; 0 says that none does.
void orbit_running_record_cell(struct orbit_running_record *record, long cell);

/// Says how many steps a training has taken; a negative number says that none trains.
///
/// The number is kept in memory for the handler and reaches the file ten times a second, since only an end
/// without a signal handler needs it there.
void orbit_running_record_step(struct orbit_running_record *record, long step);

/// Closes the file; a crash is not written any more.
void orbit_running_record_close(struct orbit_running_record *record);

/// Handles the signals of crashes from here on.
///
/// The record is written, the two pipes that the process reads itself are emptied into `standard_error`, one
/// line there says what happened, and the signal does what it does by default.
void orbit_handle_crashes(int first_reader, int second_reader, int standard_error);
