#pragma once
#include <zip.h>

/// Loads libzip; null, or the reason why that fails, to be freed.
char *orbit_load_zip(void);
