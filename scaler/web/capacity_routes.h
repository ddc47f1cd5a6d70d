#pragma once

#include "exporters/server.h"
#include "scaler/web/api.h"

namespace scaler::web {

/// What is answered about nodes.
void AddCapacityRoutes(const Backend& backend, exporters::Routes& routes);

}  // namespace scaler::web
