#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace broker {

using KeyedDigest = std::array<std::uint8_t, 16>;

/// A digest of `parts`, each with its length, under a random key that never leaves this process: it
/// reveals nothing about them, and no other program can compute it. nullopt: the system has no
/// random numbers. Any thread.
std::optional<KeyedDigest> keyed_digest(std::initializer_list<std::string_view> parts);

/// The first eight bytes of it.
std::uint64_t number_of(const KeyedDigest& digest);

}  // namespace broker
