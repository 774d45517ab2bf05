#include "CLazyLibrary.h"

ORBIT_LAZY_LIBRARY(matio, "libmatio", "libmatio.so.11 libmatio.so.13 libmatio.so.12 libmatio.so", "libmatio11")

ORBIT_LAZY_FUNCTION(matio, Mat_Close);
ORBIT_LAZY_FUNCTION(matio, Mat_Open);
ORBIT_LAZY_FUNCTION(matio, Mat_VarFree);
ORBIT_LAZY_FUNCTION(matio, Mat_VarRead);
