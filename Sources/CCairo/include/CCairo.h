#pragma once
#include <cairo/cairo.h>
#include <cairo/cairo-svg.h>
#include <cairo/cairo-pdf.h>

/// Loads Cairo; null, or the reason why that fails, to be freed.
char *orbit_load_cairo(void);
