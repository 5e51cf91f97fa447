// The types of Asio and Beast that the intake's connections are written with.
// They take long to compile: for .cc files of this folder only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

namespace rekindle {

using Executor = boost::asio::io_context::executor_type;
// A coroutine of a connection; it runs on the thread of its io_context.
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
using HttpStream = boost::beast::basic_stream<boost::asio::ip::tcp, Executor>;
// Parses headers and chunked bodies; sized bodies are read without it.
using HttpParser =
    boost::beast::http::request_parser<boost::beast::http::buffer_body>;

// Whether what was read is no HTTP, as opposed to a connection that failed or
// broke off.
inline bool IsMalformed(const boost::system::error_code& error) {
  namespace http = boost::beast::http;
  return error.category() ==
             http::make_error_code(http::error::bad_method).category() &&
         error != http::error::partial_message &&
         error != http::error::end_of_stream;
}

// Awaits an operation whose error goes to `error` instead of being thrown.
inline auto Into(boost::system::error_code& error) {
  return boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(),
                                     error);
}

}  // namespace rekindle
