#include "CVectors.h"

#include <string.h>

#include "clones.h"

// Whole numbers do the rounding, so the bits are the same on every processor; the instruction that
// AVX512_BF16 has for it would also take what is below the normal numbers to zero.

typedef uint32_t words __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t halves __attribute__((vector_size(32), aligned(2), may_alias));

static inline uint16_t rounded(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

CLONES void orbit_bfloat16(const float *source, uint16_t *destination, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        words bits = *(const words *)(source + i);
        words high = bits >> 16;
        words near = (bits + 0x7fff + (high & 1)) >> 16;
        // Rounding could take what is not a number to infinity or to zero.
        words no_number = (words)((bits & 0x7fffffff) > 0x7f800000);
        words result = (no_number & (high | 0x40)) | (~no_number & near);
        *(halves *)(destination + i) = __builtin_convertvector(result, halves);
    }
    for (; i < count; i++) destination[i] = rounded(source[i]);
}
