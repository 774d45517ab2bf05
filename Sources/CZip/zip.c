#include "CLazyLibrary.h"

ORBIT_LAZY_LIBRARY(zip, "libzip", "libzip.so.4 libzip.so.5 libzip.so", "libzip4")

ORBIT_LAZY_FUNCTION(zip, zip_discard);
ORBIT_LAZY_FUNCTION(zip, zip_fclose);
ORBIT_LAZY_FUNCTION(zip, zip_fopen_index);
ORBIT_LAZY_FUNCTION(zip, zip_fread);
ORBIT_LAZY_FUNCTION(zip, zip_get_num_entries);
ORBIT_LAZY_FUNCTION(zip, zip_open);
ORBIT_LAZY_FUNCTION(zip, zip_stat_index);
ORBIT_LAZY_FUNCTION(zip, zip_strerror);
