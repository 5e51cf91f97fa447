// The other end of actor.py: lines of words come in, each is answered by a line
// of JSON. An order that fails is answered by {"error": ...}.
#pragma once

#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace rekindle::bench {

using Words = std::vector<std::string>;

inline Words SplitWords(const std::string& line) {
  std::istringstream text(line);
  Words words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

// Until the input ends.
inline void TakeOrders(
    const std::function<nlohmann::json(const Words&)>& carry_out) {
  std::cout << nlohmann::json{{"ready", true}} << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    nlohmann::json answer;
    try {
      answer = carry_out(SplitWords(line));
    } catch (const std::exception& e) {
      answer = {{"error", e.what()}};
    }
    std::cout << answer << std::endl;
  }
}

}  // namespace rekindle::bench
