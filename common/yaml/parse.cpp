#include "common/yaml/parse.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <sstream>
#include <string>
#include <utility>

#include "common/yaml/builder.h"
#include "common/yaml/encoding.h"

namespace common::yaml {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} * 1024 * 1024;

/// yaml-cpp keeps all tokens of an open [ or { in memory, some 230 bytes each.
constexpr std::ptrdiff_t kMostTokens = 600'000;

std::string TooLarge() {
  return fmt::format("is too large; the limit is {} MiB", kMostBytes >> 20U);
}

/// yaml-cpp's words for the errors that people make, in the words of the people.
std::string Reword(const std::string& message) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {{
      {"illegal map value",
       "a ':' where no key can stand; put the text in quotes, or check the indentation"},
      {"illegal tab when looking for indentation", "a tab; YAML is indented with blanks only"},
      {"end of map not found",
       "expected the next key, or the end of the map; check quotes and indentation"},
      {"end of sequence not found", "expected the next '-', or the end of the list"},
      {"end of map flow not found", "a '{' is never closed, or a ',' is missing"},
      {"end of sequence flow not found", "a '[' is never closed, or a ',' is missing"},
      {"illegal flow end", "a ']' or '}' that closes nothing"},
      {"unknown token", "this character cannot begin a text; put the text in quotes"},
      {"bad file", "nested too deeply, or not YAML"},
  }};
  const auto* const found = std::find_if(kWords.begin(), kWords.end(),
                                         [&](const auto& words) { return words.first == message; });
  return found == kWords.end() ? message : std::string(found->second);
}

/// Tells what the parser could not take. A tab in the indentation of that line is the likely
/// cause, whatever the parser says.
void TellSyntaxError(const YAML::Exception& error, std::string_view text, const Lines& lines,
                     Problems& problems) {
  if (error.mark.is_null()) {
    problems.Add({}, "", "not YAML: " + Reword(error.msg));
    return;
  }
  const auto offset = std::min(static_cast<std::size_t>(error.mark.pos), text.size());
  const auto line = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  const auto indentation = text.substr(line, text.find_first_not_of(" \t", line) - line);
  const auto tab = indentation.find('\t');
  if (tab != std::string_view::npos) {
    problems.Add(lines.At(line + tab), "", "not YAML: a tab; YAML is indented with blanks only");
    return;
  }
  problems.Add(lines.At(offset), "", "not YAML: " + Reword(error.msg));
}

/// False if reading had to stop; then `problems` says why.
bool Run(std::string_view text, const Lines& lines, Builder& builder, Problems& problems) {
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const TooMuch& error) {
    problems.Add(error.At(), "", error.what());
  } catch (const YAML::Exception& error) {
    TellSyntaxError(error, text, lines, problems);
  } catch (const std::exception& error) {
    problems.Add({}, "", fmt::format("not YAML: {}", error.what()));
  }
  return false;
}

/// Owns a file descriptor.
class File {
 public:
  explicit File(const std::filesystem::path& path)
      // Not to wait for the other end if this is a pipe.
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  [[nodiscard]] int Get() const { return fd_; }

 private:
  int fd_;
};

Result<std::string> Read(const std::filesystem::path& path) {
  const File file(path);
  struct stat status {};
  if (file.Get() < 0 || ::fstat(file.Get(), &status) != 0) {
    return FailErrno("cannot be read");
  }
  if (S_ISDIR(status.st_mode)) {
    return Fail(std::errc::is_a_directory, "is a directory, not a file");
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail(std::errc::invalid_argument, "is not a regular file");
  }
  std::string content;
  std::array<char, 65536> chunk{};
  while (content.size() <= kMostBytes) {
    const ssize_t count = ::read(file.Get(), chunk.data(), chunk.size());
    if (count > 0) {
      content.append(chunk.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      return content;
    } else if (errno != EINTR) {
      return FailErrno("cannot be read");
    }
  }
  return Fail(std::errc::file_too_large, TooLarge());
}

}  // namespace

std::vector<Value> ParseText(std::string_view text, Problems& problems) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.size() > kMostBytes) {
    problems.Add({}, "", TooLarge());
    return {};
  }
  const Lines lines(text);
  if (const auto forbidden = FindForbiddenByte(text)) {
    problems.Add(lines.At(forbidden->offset), "", forbidden->why);
    return {};
  }
  const auto tokens = std::count_if(text.begin(), text.end(), [](char c) {
    return std::string_view("[{,:\"'").find(c) != std::string_view::npos;
  });
  if (tokens > kMostTokens) {
    problems.Add({}, "",
                 fmt::format("has more than {} commas, colons, quotes and brackets", kMostTokens));
    return {};
  }
  Builder builder(text, lines, problems);
  if (!Run(text, lines, builder, problems)) {
    return {};
  }
  if (builder.Documents().empty()) {
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    problems.Add({}, "", blank ? "is empty" : "holds nothing but comments");
  }
  std::vector<Value> documents;
  for (const auto& root : builder.Documents()) {
    documents.emplace_back(root, root->at, "", &problems);
  }
  return documents;
}

std::vector<Value> ParseFile(const std::filesystem::path& path, Problems& problems) {
  const auto text = Read(path);
  if (!text) {
    problems.Add({}, "", text.error().what);
    return {};
  }
  return ParseText(*text, problems);
}

std::optional<Map> ParseConfiguration(const std::filesystem::path& path, Problems& problems) {
  const auto documents = ParseFile(path, problems);
  if (documents.empty()) {
    return std::nullopt;
  }
  if (documents.size() > 1) {
    documents[1].Problem("expected one document, found another one");
  }
  return documents[0].AsMap();
}

}  // namespace common::yaml
