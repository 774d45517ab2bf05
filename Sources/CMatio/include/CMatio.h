#pragma once
#include <matio.h>

/// Loads libmatio; null, or the reason why that fails, to be freed.
char *orbit_load_matio(void);
