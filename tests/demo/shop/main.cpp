// demo-shop: one replica of a small web shop, for the demo of Trimtab and its tests.

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <thread>

#include "common/text.h"
#include "tests/demo/shop/shop.h"

namespace {

/// About one millisecond of a core that has SHA instructions.
constexpr int kRounds = 400;

common::Result<demo::ShopOptions> ReadListen(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : common::ParseUnsigned(std::string_view(listen).substr(colon + 1));
  if (!port || *port > 65535) {
    return common::Fail(std::errc::invalid_argument,
                        "--listen wants ADDRESS:PORT, not \"" + listen + "\"");
  }
  demo::ShopOptions options;
  options.host = listen.substr(0, colon);
  options.port = static_cast<std::uint16_t>(*port);
  return options;
}

int Serve(const std::string& listen, const std::string& name, int rounds,
          const std::string& start_delay) {
  const auto delay = common::ParseDuration(start_delay);
  if (!delay) {
    std::cerr << "demo-shop: --start-delay: " << delay.error().what << '\n';
    return 2;
  }
  auto options = ReadListen(listen);
  if (!options) {
    std::cerr << "demo-shop: " << options.error().what << '\n';
    return 2;
  }
  options->name = name;
  options->rounds = rounds;
  std::this_thread::sleep_for(*delay);
  const auto shop = demo::Shop::Listen(*options);
  if (!shop) {
    std::cerr << "demo-shop: " << shop.error().what << '\n';
    return 1;
  }
  (*shop)->Run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A small web shop that computes for each page and fails on request.", "demo-shop");
  std::string listen = "127.0.0.1:8080";
  std::string name = "shop";
  std::string start_delay = "0s";
  int rounds = kRounds;
  app.add_option("--listen", listen, "Address and port")->capture_default_str();
  app.add_option("--name", name, "What X-Replica says")->capture_default_str();
  app.add_option("--rounds", rounds, "Work of a page: SHA-256 over 4 KiB, so many times")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--start-delay", start_delay,
                 "Wait so long before listening, as a slow start does")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Serve(listen, name, rounds, start_delay);
}
