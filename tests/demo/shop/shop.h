#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/result.h"

namespace demo {

struct ShopOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string name;  ///< Of the replica; every answer carries it in X-Replica.
  int rounds = 0;    ///< Of ComputePage for each page.
};

/// A small web shop that computes for each page and that can be made to leak, crash or hang.
///
/// One thread: what arrives while a page is computed waits its turn. Serves `/` (and every path
/// below it), `/healthz`, `/fault/leak`, `/fault/crash`, `/fault/hang`.
class Shop {
 public:
  /// Listens at once. Fails with address_in_use, naming the address.
  [[nodiscard]] static common::Result<std::unique_ptr<Shop>> Listen(const ShopOptions& options);
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  ~Shop();

  /// Serves until SIGTERM or SIGINT, then takes no more connections, finishes the requests that
  /// are being answered and returns.
  void Run();

 private:
  class Impl;
  explicit Shop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace demo
