#include "common/prometheus/alertmanager.h"

#include <boost/json.hpp>
#include <utility>

#include "common/http/client.h"

namespace common::prometheus {
namespace {

namespace json = boost::json;

std::map<std::string, std::string> ReadTexts(const json::object& alert, std::string_view key) {
  std::map<std::string, std::string> texts;
  const auto* const found = alert.if_contains(key);
  if (found != nullptr && found->is_object()) {
    for (const auto& [name, value] : found->get_object()) {
      if (const auto* const text = value.if_string()) {
        texts.emplace(std::string(name), std::string(*text));
      }
    }
  }
  return texts;
}

std::string ReadText(const json::object& object, std::string_view key) {
  const auto* const found = object.if_contains(key);
  const auto* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

Alert ReadAlert(const json::object& object) {
  Alert alert;
  alert.labels = ReadTexts(object, "labels");
  alert.annotations = ReadTexts(object, "annotations");
  alert.starts_at = ReadText(object, "startsAt");
  if (const auto* const status = object.if_contains("status"); status && status->is_object()) {
    alert.state = ReadText(status->get_object(), "state");
  }
  return alert;
}

}  // namespace

Result<std::vector<Alert>> ParseAlerts(std::string_view text) {
  boost::system::error_code error;
  const json::value answer = json::parse(text, error);
  if (error || !answer.is_array()) {
    return Fail(std::errc::bad_message, "Alertmanager's answer is no list of alerts");
  }
  std::vector<Alert> alerts;
  for (const auto& element : answer.get_array()) {
    if (const auto* const object = element.if_object()) {
      alerts.push_back(ReadAlert(*object));
    }
  }
  return alerts;
}

Alertmanager::Alertmanager(std::string address, std::chrono::milliseconds deadline)
    : address_(std::move(address)), deadline_(deadline) {}

Result<std::vector<Alert>> Alertmanager::Alerts() const {
  return http::Get(address_, "/api/v2/alerts", deadline_)
      .and_then([this](const http::Response& answer) -> Result<std::vector<Alert>> {
        if (answer.status != 200) {
          return Fail(std::errc::io_error, "Alertmanager at " + address_ + " answers " +
                                               std::to_string(answer.status) + " for its alerts");
        }
        return ParseAlerts(answer.body);
      });
}

Result<void> Alertmanager::Ready() const {
  return http::Get(address_, "/-/ready", deadline_)
      .and_then([this](const http::Response& answer) -> Result<void> {
        if (answer.status != 200) {
          return Fail(std::errc::resource_unavailable_try_again,
                      "Alertmanager at " + address_ + " is not ready yet");
        }
        return {};
      });
}

}  // namespace common::prometheus
