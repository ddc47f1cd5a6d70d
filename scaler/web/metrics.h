#pragma once

#include "common/clock.h"
#include "exporters/metrics_page.h"
#include "scaler/loop/status.h"

namespace scaler::web {

/// Tells the scaler's own metrics; `now` is what ages are counted from.
void TellFamilies(const loop::Status& status, common::MonotonicTime now,
                  const exporters::FamilySink& sink);

}  // namespace scaler::web
