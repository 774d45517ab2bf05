#include "CLazyLibrary.h"

ORBIT_LAZY_LIBRARY(openblas, "OpenBLAS", "libopenblas.so.0", "libopenblas0-openmp")

ORBIT_LAZY_FUNCTION(openblas, cblas_dgemm);
ORBIT_LAZY_FUNCTION(openblas, cblas_dsyrk);
ORBIT_LAZY_FUNCTION(openblas, dgelsd_);
ORBIT_LAZY_FUNCTION(openblas, dgesdd_);
ORBIT_LAZY_FUNCTION(openblas, dgetrf_);
ORBIT_LAZY_FUNCTION(openblas, dgetrs_);
ORBIT_LAZY_FUNCTION(openblas, dpotrf_);
ORBIT_LAZY_FUNCTION(openblas, dpotrs_);
ORBIT_LAZY_FUNCTION(openblas, openblas_get_config);
ORBIT_LAZY_FUNCTION(openblas, openblas_get_parallel);
ORBIT_LAZY_FUNCTION(openblas, ssyevd_);
