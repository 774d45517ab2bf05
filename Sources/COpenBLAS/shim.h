#pragma once
#include <cblas.h>
#include <openblas_config.h>

// Debian's OpenBLAS carries LAPACK with Fortran linkage and no C header for it, so the few routines
// that Orbit calls are declared here: all arguments by address, matrices column-major.
void ssyevd_(
    const char *jobz, const char *uplo, const int *n, float *a, const int *lda, float *w,
    float *work, const int *lwork, int *iwork, const int *liwork, int *info);
