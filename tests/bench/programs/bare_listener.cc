// What Boost.Beast does with the same requests and no work at all: reads the
// body, answers 200. Two threads, keep-alive.
//   rekindle_bench_bare_listener      prints {"port": ..}, runs until killed
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr size_t kLargestBody = 16 << 20;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay(true));
    // Its default grows by 512 bytes a read.
    buffer_.reserve(64 << 10);
  }

  void Read() {
    parser_.emplace();
    parser_->body_limit(kLargestBody);
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code e, size_t) {
                       if (!e) self->Answer();
                     });
  }

 private:
  void Answer() {
    response_ = {http::status::ok, 11};
    response_.set(http::field::content_type, "application/json");
    response_.body() = R"({"success":true})";
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](beast::error_code e, size_t) {
                        if (!e) self->Read();
                      });
  }

  tcp::socket socket_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

class Listener {
 public:
  explicit Listener(asio::io_context& io)
      : io_(io), acceptor_(io, {asio::ip::make_address("127.0.0.1"), 0}) {
    acceptor_.listen(4096);
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // Each connection has a strand of its own.
  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](beast::error_code e,
                                                          tcp::socket socket) {
      if (!e) {
        std::make_shared<Connection>(std::move(socket))->Read();
      }
      Accept();
    });
  }

 private:
  asio::io_context& io_;
  tcp::acceptor acceptor_;
};

}  // namespace

int main() {
  asio::io_context io(2);
  Listener listener(io);
  listener.Accept();
  std::cout << "{\"port\": " << listener.port() << "}" << std::endl;
  std::jthread second([&] { io.run(); });
  io.run();
}
