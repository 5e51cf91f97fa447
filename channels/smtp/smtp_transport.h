// A TCP connection to a mail server that can turn to TLS. It never waits but
// to look up the server's name.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "channels/smtp/settings.h"

namespace rekindle {

// The authorities that servers are checked against; shared by connections.
class TlsContext {
 public:
  explicit TlsContext(const std::filesystem::path& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  SSL_CTX* get() const { return context_; }
  // Why no server can be trusted; empty where all is well.
  const std::string& problem() const { return problem_; }

 private:
  SSL_CTX* context_;
  std::string problem_;
};

class SmtpTransport {
 public:
  enum class State {
    kConnecting,
    kHandshake,
    kOpen,
    kUnreachable,  // not resolved, not connected, or broken
    kUntrusted,    // TLS failed
  };

  // Begins to connect, with TLS at once where the settings say so. Both
  // outlive the transport.
  SmtpTransport(const SmtpSettings& settings, const TlsContext& tls);
  ~SmtpTransport();
  SmtpTransport(const SmtpTransport&) = delete;
  SmtpTransport& operator=(const SmtpTransport&) = delete;

  // From here on all goes through TLS. REQUIRES: open, and nothing queued.
  void StartTls();
  void Queue(std::string_view bytes) { out_ += bytes; }
  // All that was queued has been handed to the system.
  bool flushed() const { return out_.empty(); }

  // Does what can be done without waiting; what came is appended to `in`.
  void Advance(std::string* in);
  // The writing half of Advance.
  void Flush();
  // What to poll for.
  short events() const;
  int fd() const { return fd_; }

  State state() const { return state_; }
  bool failed() const {
    return state_ == State::kUnreachable || state_ == State::kUntrusted;
  }
  const std::string& error() const { return error_; }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  void ConnectNext();
  void FinishConnect();
  void Handshake();
  void Write();
  void Read(std::string* in);
  // What a call of the TLS library came to: true where it only has to wait.
  bool OnlyWaits(int result);
  void Fail(State state, std::string error);

  const SmtpSettings& settings_;
  const TlsContext& tls_;
  std::shared_ptr<void> addresses_;  // of the lookup
  const void* next_ = nullptr;       // the address to try next
  int fd_ = -1;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  bool tls_wants_write_ = false;
  std::string out_;
  State state_ = State::kConnecting;
  std::string error_;
};

}  // namespace rekindle
