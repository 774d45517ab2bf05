#pragma once
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libpng leaves its functions by longjmp when something fails, which must never cross Swift frames.
// So the whole encoding happens in one C function that catches the jump and returns 0 instead.

typedef struct {
  uint8_t *bytes;  // allocated with malloc; the caller frees it
  size_t count;
  size_t capacity;
  char message[160];
} orbit_png_output;

static void orbit_png_fail(png_structp png, png_const_charp message) {
  orbit_png_output *output = (orbit_png_output *)png_get_error_ptr(png);
  snprintf(output->message, sizeof output->message, "%s", message);
  png_longjmp(png, 1);
}

static void orbit_png_ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void orbit_png_append(png_structp png, png_bytep bytes, size_t count) {
  orbit_png_output *output = (orbit_png_output *)png_get_io_ptr(png);
  if (output->capacity - output->count < count) {
    size_t capacity = output->capacity * 2 + count + 4096;
    uint8_t *grown = (uint8_t *)realloc(output->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    output->bytes = grown;
    output->capacity = capacity;
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static void orbit_png_flush(png_structp png) { (void)png; }

// Encodes rows of 8-bit RGBA pixels, or of places in a palette of up to 256 RGBA colours when there is
// one. `texts` are pairs key, value: iTXt chunks in UTF-8, compressed when long. Returns 1, or 0 with the
// reason in `output->message`. `level` is zlib's.
static inline int orbit_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, const uint8_t *palette,
    int palette_count, uint32_t pixels_per_metre, int level, char *const *texts, int text_count,
    orbit_png_output *output) {
  memset(output, 0, sizeof *output);
  snprintf(output->message, sizeof output->message, "out of memory");
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, output, orbit_png_fail, orbit_png_ignore);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  png_text *entries = (png_text *)calloc((size_t)text_count + 1, sizeof(png_text));
  if (!info || !entries || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(entries);
    return 0;
  }
  png_set_write_fn(png, output, orbit_png_append, orbit_png_flush);
  png_set_IHDR(
      png, info, width, height, 8,
      palette_count > 0 ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (palette_count > 0) {
    png_color colors[256];
    png_byte opacities[256];
    for (int index = 0; index < palette_count && index < 256; index++) {
      colors[index].red = palette[4 * index];
      colors[index].green = palette[4 * index + 1];
      colors[index].blue = palette[4 * index + 2];
      opacities[index] = palette[4 * index + 3];
    }
    png_set_PLTE(png, info, colors, palette_count);
    png_set_tRNS(png, info, opacities, palette_count, NULL);
  }
  png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  for (int index = 0; index < text_count; index++) {
    char *value = texts[2 * index + 1];
    size_t length = strlen(value);
    entries[index].compression =
        length > 1000 ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
    entries[index].key = texts[2 * index];
    entries[index].text = value;
    entries[index].itxt_length = length;
    entries[index].lang = (png_charp) "";
    entries[index].lang_key = (png_charp) "";
  }
  png_set_text(png, info, entries, text_count);
  // Flat colours compress best without prediction from neighbours.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_compression_level(png, level);
  png_write_info(png, info);
  for (uint32_t row = 0; row < height; row++) {
    png_write_row(png, pixels + (size_t)row * width * (palette_count > 0 ? 1 : 4));
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  free(entries);
  return 1;
}
