#include "channels/smtp/smtp_transport.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace rekindle {
namespace {

bool IsAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// The server must prove that it is the one that was named.
bool ExpectHost(SSL* ssl, const std::string& host) {
  if (IsAddress(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) ==
           1;
  }
  return SSL_set1_host(ssl, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

std::string TlsError(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

}  // namespace

TlsContext::TlsContext(const std::filesystem::path& ca_file)
    : context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::runtime_error("OpenSSL gave no context");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const bool loaded = ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(context_) == 1
                          : SSL_CTX_load_verify_locations(
                                context_, ca_file.c_str(), nullptr) == 1;
  if (!loaded) {
    problem_ = "no certificates of authorities in " + ca_file.string();
  }
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

SmtpTransport::SmtpTransport(const SmtpSettings& settings,
                             const TlsContext& tls)
    : settings_(settings), tls_(tls) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(settings.host.c_str(), std::to_string(settings.port).c_str(),
                  &hints, &found);
  if (failed != 0) {
    Fail(State::kUnreachable,
         "cannot resolve " + settings.host + ": " + gai_strerror(failed));
    return;
  }
  addresses_ = std::shared_ptr<void>(
      found, [](void* list) { freeaddrinfo(static_cast<addrinfo*>(list)); });
  next_ = found;
  ConnectNext();
}

SmtpTransport::~SmtpTransport() {
  if (fd_ >= 0) close(fd_);
}

void SmtpTransport::ConnectNext() {
  const std::string where =
      settings_.host + ':' + std::to_string(settings_.port);
  while (const auto* address = static_cast<const addrinfo*>(next_)) {
    next_ = address->ai_next;
    if (fd_ >= 0) close(fd_);
    fd_ = socket(address->ai_family,
                 address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                 address->ai_protocol);
    if (fd_ >= 0) {
      const int on = 1;
      setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connect(fd_, address->ai_addr, address->ai_addrlen) == 0 ||
          errno == EINPROGRESS) {
        return;
      }
    }
    error_ = "cannot connect to " + where + ": " + std::strerror(errno);
  }
  Fail(State::kUnreachable, error_);
}

void SmtpTransport::FinishConnect() {
  pollfd writable{fd_, POLLOUT, 0};
  if (poll(&writable, 1, 0) <= 0) return;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    error_ = "cannot connect to " + settings_.host + ':' +
             std::to_string(settings_.port) + ": " + std::strerror(error);
    return ConnectNext();
  }
  state_ = State::kOpen;
  if (settings_.tls == SmtpTls::kImplicit) StartTls();
}

void SmtpTransport::StartTls() {
  if (!tls_.problem().empty()) {
    return Fail(State::kUntrusted, "TLS failed: " + tls_.problem());
  }
  ERR_clear_error();
  ssl_.reset(SSL_new(tls_.get()));
  if (ssl_ == nullptr || !ExpectHost(ssl_.get(), settings_.host) ||
      SSL_set_fd(ssl_.get(), fd_) != 1) {
    return Fail(State::kUntrusted, "TLS cannot be set up");
  }
  SSL_set_connect_state(ssl_.get());
  tls_wants_write_ = true;  // the client speaks first
  state_ = State::kHandshake;
}

bool SmtpTransport::OnlyWaits(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  tls_wants_write_ = error == SSL_ERROR_WANT_WRITE;
  return tls_wants_write_ || error == SSL_ERROR_WANT_READ;
}

void SmtpTransport::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    tls_wants_write_ = false;
    state_ = State::kOpen;
  } else if (!OnlyWaits(result)) {
    Fail(State::kUntrusted, "TLS failed: " + TlsError(ssl_.get()));
  }
}

void SmtpTransport::Write() {
  while (!out_.empty()) {
    ssize_t written = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int result =
          SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size()));
      if (result <= 0 && OnlyWaits(result)) return;
      written = result;
    } else {
      written = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    }
    if (written <= 0) {
      return Fail(State::kUnreachable,
                  std::string("the connection broke: ") + std::strerror(errno));
    }
    out_.erase(0, static_cast<size_t>(written));
  }
}

void SmtpTransport::Read(std::string* in) {
  char buffer[16384];
  while (true) {
    ssize_t got = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int result = SSL_read(ssl_.get(), buffer, sizeof buffer);
      if (result <= 0 && OnlyWaits(result)) return;
      got = result;
    } else {
      got = recv(fd_, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    }
    if (got <= 0) {
      return Fail(State::kUnreachable,
                  got == 0 ? "the server closed the connection"
                           : std::string("the connection broke: ") +
                                 std::strerror(errno));
    }
    in->append(buffer, static_cast<size_t>(got));
    if (ssl_ == nullptr && static_cast<size_t>(got) < sizeof buffer) return;
  }
}

void SmtpTransport::Advance(std::string* in) {
  if (state_ == State::kConnecting) FinishConnect();
  if (state_ == State::kHandshake) Handshake();
  // What came before the connection broke still counts.
  if (state_ == State::kOpen) Read(in);
  Flush();
}

void SmtpTransport::Flush() {
  if (state_ == State::kOpen) Write();
}

short SmtpTransport::events() const {
  switch (state_) {
    case State::kConnecting:
      return POLLOUT;
    case State::kHandshake:
      return tls_wants_write_ ? POLLOUT : POLLIN;
    case State::kOpen:
      return static_cast<short>(POLLIN | (out_.empty() ? 0 : POLLOUT));
    default:
      return 0;
  }
}

void SmtpTransport::Fail(State state, std::string error) {
  state_ = state;
  error_ = std::move(error);
}

}  // namespace rekindle
