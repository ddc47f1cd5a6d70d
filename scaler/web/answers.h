#pragma once

#include <map>
#include <string>

#include "common/result.h"
#include "exporters/http_handler.h"
#include "scaler/ledger/ledger.h"

namespace scaler::web {

// What the handlers' answers are made of. Private to this folder.

[[nodiscard]] exporters::HttpResponse Text(int status, std::string body);
[[nodiscard]] exporters::HttpResponse Json(std::string body);

/// {"error": what}.
[[nodiscard]] exporters::HttpResponse Problem(int status, const std::string& what);

/// Empty where the key is not given.
[[nodiscard]] std::string Find(const std::map<std::string, std::string>& query, const char* key);

/// namespace, workload, limit and after_id. invalid_argument where a number is none.
[[nodiscard]] common::Result<ledger::Query> ParseQuery(const exporters::HttpRequest& request);

}  // namespace scaler::web
