#include "daemon/control/wire.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "config/base/json_text.h"

namespace rekindle {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxFiles = 200;  // the kernel passes at most 253 at once
constexpr uint32_t kMaxBytes = 1 << 20;

tl::unexpected<Error> Broken(std::string_view what) {
  return Fail(ErrorKind::kIo, fmt::format("{}: {}", what, strerror(errno)));
}

Status WriteAll(int socket, const char* data, size_t size) {
  while (size > 0) {
    ssize_t n = send(socket, data, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Broken("the other side is gone");
    data += n;
    size -= static_cast<size_t>(n);
  }
  return {};
}

Status ReadAll(int socket, char* data, size_t size) {
  while (size > 0) {
    ssize_t n = recv(socket, data, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) return Fail(ErrorKind::kIo, "the other side closed early");
    if (n < 0) return Broken("cannot read from the socket");
    data += n;
    size -= static_cast<size_t>(n);
  }
  return {};
}

// The length of the text, with the files beside it.
Status SendHead(int socket, uint32_t length, const std::vector<int>& files) {
  iovec part{&length, sizeof length};
  std::vector<char> control(CMSG_SPACE(sizeof(int) * files.size()));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * files.size());
  std::memcpy(CMSG_DATA(rights), files.data(), sizeof(int) * files.size());
  if (sendmsg(socket, &message, MSG_NOSIGNAL) != sizeof length) {
    return Broken("cannot ask the daemon");
  }
  return {};
}

Result<std::vector<int>> ReceiveHead(int socket, uint32_t* length) {
  iovec part{length, sizeof *length};
  std::vector<char> control(CMSG_SPACE(sizeof(int) * (kMaxFiles + 2)));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  if (n != sizeof *length) {
    return Fail(ErrorKind::kIo, "the other side closed early");
  }
  std::vector<int> files;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    files.resize((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(files.data(), CMSG_DATA(c), files.size() * sizeof(int));
  }
  return files;
}

void CloseAll(const std::vector<int>& files) {
  for (int file : files) close(file);
}

bool IsListOfTexts(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_array() &&
         std::all_of(json[key].begin(), json[key].end(),
                     [](const Json& one) { return one.is_string(); });
}

bool IsFlag(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_boolean();
}

Result<ControlRequest> Decode(const std::string& text, std::vector<int> files) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !IsListOfTexts(json, "arguments") ||
      !IsListOfTexts(json, "file_names") || !IsFlag(json, "out_is_terminal") ||
      !IsFlag(json, "err_is_terminal") ||
      files.size() != json["file_names"].size() + 2) {
    CloseAll(files);
    return Fail(ErrorKind::kIo, "not a request of this version of rekindle");
  }
  ControlRequest request;
  request.arguments = json["arguments"].get<std::vector<std::string>>();
  request.file_names = json["file_names"].get<std::vector<std::string>>();
  request.out_is_terminal = json["out_is_terminal"].get<bool>();
  request.err_is_terminal = json["err_is_terminal"].get<bool>();
  request.files = std::move(files);
  return request;
}

}  // namespace

Status SendRequest(int socket, const ControlRequest& request) {
  if (request.file_names.size() > kMaxFiles) {
    return Fail(ErrorKind::kUsage,
                fmt::format("at most {} files at once, not {}", kMaxFiles,
                            request.file_names.size()));
  }
  Json json = {{"arguments", request.arguments},
               {"file_names", request.file_names},
               {"out_is_terminal", request.out_is_terminal},
               {"err_is_terminal", request.err_is_terminal}};
  const std::string text = JsonText(json);
  if (auto sent =
          SendHead(socket, static_cast<uint32_t>(text.size()), request.files);
      !sent) {
    return sent;
  }
  return WriteAll(socket, text.data(), text.size());
}

Result<ControlRequest> ReceiveRequest(int socket) {
  uint32_t length = 0;
  auto files = ReceiveHead(socket, &length);
  if (!files) return tl::make_unexpected(files.error());
  std::string text(std::min(length, kMaxBytes), '\0');
  if (length > kMaxBytes) {
    CloseAll(*files);
    return Fail(ErrorKind::kIo, "the request is too long");
  }
  if (auto read = ReadAll(socket, text.data(), text.size()); !read) {
    CloseAll(*files);
    return tl::make_unexpected(read.error());
  }
  return Decode(text, std::move(*files));
}

Status SendExitCode(int socket, int exit_code) {
  int32_t code = exit_code;
  return WriteAll(socket, reinterpret_cast<const char*>(&code), sizeof code);
}

Result<int> ReceiveExitCode(int socket) {
  int32_t code = 0;
  if (auto read = ReadAll(socket, reinterpret_cast<char*>(&code), sizeof code);
      !read) {
    return tl::make_unexpected(read.error());
  }
  return code;
}

}  // namespace rekindle
