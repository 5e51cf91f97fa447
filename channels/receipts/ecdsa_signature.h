// ECDSA over P-256 with SHA-256, as providers sign callbacks.
#pragma once

#include <string_view>

namespace rekindle {

// Whether the bytes are a P-256 public key (DER, SubjectPublicKeyInfo).
bool IsP256Key(std::string_view key);

// Whether the signature (DER) is of the message, by the private half of the
// key. What is no key or no signature verifies nothing.
bool EcdsaVerifies(std::string_view key, std::string_view message,
                   std::string_view signature);

}  // namespace rekindle
