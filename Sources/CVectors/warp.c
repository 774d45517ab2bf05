#include "CVectors.h"

// Output pixels are counted through the whole image, so that narrow rows leave no lanes empty, and
// taken in stretches: first the positions of a stretch, sixteen at a time, then the reading.
// Branches are avoided by reading from a copy of the image with a border around it: every position,
// once clamped, has its four neighbours in the copy.
//
// Products and sums are rounded one by one: the same bits on every processor.
#pragma STDC FP_CONTRACT OFF

#include "clones.h"
#include "warp_copies.h"
#include "warp_places.h"
#include "warp_reading.h"

int64_t orbit_warp_scratch(const orbit_warp_sizes *sizes) {
    int64_t pixels = (sizes->height + 3) * (sizes->width + 3);
    return pixels * (sizes->channels == 1 ? 2 : sizes->channels) + 16;
}

/// Compiled for one and three channels on their own.
INLINE void warp(
    float *destination, const float *copy, const orbit_warp_sizes *sizes,
    const orbit_homography *map, orbit_border border, float value, const float *background,
    const int64_t channels) {
    stretch now;
    float spare[3 * longest + 16];
    int64_t pixels = sizes->output_height * sizes->output_width;
    if (pixels == 0) return;
    walk at;
    start(&at, sizes->output_width);
    int64_t stride = (sizes->width + 3) * channels;
    for (int64_t done = 0; done < pixels; done += longest) {
        int64_t count = pixels - done < longest ? pixels - done : longest;
        switch (border) {
            case orbit_constant_border:
                place(&now, &at, count, sizes, map, onto_border, unknown);
                break;
            case orbit_hard_border:
                place(&now, &at, count, sizes, map, onto_edge, hard);
                break;
            case orbit_mirrored_border:
                place(&now, &at, count, sizes, map, by_mirrors, unknown);
                break;
            case orbit_clamped_border:
                place(&now, &at, count, sizes, map, onto_edge, unknown);
                break;
            case orbit_background_border:
                place(&now, &at, count, sizes, map, onto_border, soft);
                break;
        }
        // The last vectors must not reach into the next image, which may be another thread's.
        float *target = destination + done * channels;
        int64_t written = channels == 1 ? (count + 15) / 16 * 16 : 3 * ((count + 3) / 4 * 4) + 4;
        int is_spare = (channels == 1 || channels == 3) && written > (pixels - done) * channels;
        float *line = is_spare ? spare : target;
        if (channels == 1)
            read_grey(line, copy, &now, count);
        else if (channels == 3)
            read_colours(line, copy, &now, count, stride);
        else
            read_channels(line, copy, &now, count, stride, channels);
        if (border == orbit_hard_border) replace(line, now.shares, count, channels, value);
        if (border == orbit_background_border)
            blend(line, now.shares, count, channels, background + done * channels);
        if (is_spare) memcpy(target, line, count * channels * sizeof *line);
    }
}

CLONES void orbit_warp(
    const float *source, float *destination, const orbit_warp_sizes *sizes,
    const orbit_homography *map, orbit_border border, float value, const float *background,
    float *scratch) {
    int extends = border != orbit_constant_border && border != orbit_background_border;
    float beyond = border == orbit_background_border ? 0 : value;
    if (sizes->channels == 1)
        copy_pairs(scratch, source, sizes, extends, beyond);
    else
        copy_pixels(scratch, source, sizes, extends, beyond);
    switch (sizes->channels) {
        case 1: warp(destination, scratch, sizes, map, border, value, background, 1); break;
        case 3: warp(destination, scratch, sizes, map, border, value, background, 3); break;
        default:
            warp(destination, scratch, sizes, map, border, value, background, sizes->channels);
    }
}

CLONES void orbit_warp_outside(
    float *destination, const orbit_warp_sizes *sizes, const orbit_homography *map) {
    stretch now;
    int64_t pixels = sizes->output_height * sizes->output_width;
    if (pixels == 0) return;
    walk at;
    start(&at, sizes->output_width);
    for (int64_t done = 0; done < pixels; done += longest) {
        int64_t count = pixels - done < longest ? pixels - done : longest;
        place(&now, &at, count, sizes, map, onto_edge, hard);
        for (int64_t i = 0; i < count; i++) destination[done + i] = 1 - now.shares[i];
    }
}
