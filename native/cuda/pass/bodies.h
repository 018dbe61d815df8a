// What the tasks of jobs do.
#pragma once

#include "cuda/pass/cells.h"
#include "cuda/pass/dense.h"
#include "cuda/pass/gradient_tiles.h"
#include "cuda/pass/likelihood.h"
#include "cuda/pass/lines.h"
#include "cuda/pass/lookups.h"
#include "cuda/pass/maps.h"
#include "cuda/pass/packing.h"
#include "cuda/pass/products.h"
#include "cuda/pass/tensor_gradients.h"
#include "cuda/pass/tensor_tiles.h"
#include "cuda/pass/tiles.h"
#include "cuda/pass/training.h"
