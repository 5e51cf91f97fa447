// One client's connection: requests one after the other, until it ends. It all
// runs on the thread of its io_context, as one coroutine.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "daemon/intake/reception.h"

namespace rekindle {

class CallReader;

using IntakeSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

// All of it is called on the connection's thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void Start() = 0;
  // Closes it where it is idle, or (`now`) in any case.
  virtual void End(bool now) = 0;
};

// Serves the client from Start() until the connection ends, then calls `ended`.
// `reader` is the thread's; it, `reception` and what `ended` needs outlive the
// connection.
std::shared_ptr<Connection> MakeConnection(IntakeSocket socket,
                                           Reception& reception,
                                           CallReader& reader,
                                           std::function<void()> ended);

}  // namespace rekindle
