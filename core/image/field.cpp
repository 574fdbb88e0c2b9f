#include "core/image/field.h"
