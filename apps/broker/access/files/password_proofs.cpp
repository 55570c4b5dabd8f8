#include "access/files/password_proofs.h"

#include <openssl/crypto.h>

#include <string>

namespace broker {

PasswordProofs::Proof PasswordProofs::proof_of(const mqtt::PasswordFile::Entry& entry,
                                               std::string_view password) {
  return keyed_digest({"proof", entry.user, password, entry.hash.text()});
}

bool PasswordProofs::holds(const mqtt::PasswordFile::Entry& entry, const Proof& proof) const {
  if (!proof || *proof == KeyedDigest{}) return false;
  const std::scoped_lock guard(mutex_);
  return CRYPTO_memcmp(proved_[index(entry)].data(), proof->data(), proof->size()) == 0;
}

void PasswordProofs::remember(const mqtt::PasswordFile::Entry& entry, const Proof& proof) {
  if (!proof) return;
  const std::scoped_lock guard(mutex_);
  proved_[index(entry)] = *proof;
}

void PasswordProofs::take_over(const PasswordProofs& before) {
  const std::scoped_lock guard(mutex_, before.mutex_);
  for (const mqtt::PasswordFile::Entry& entry : file_.entries()) {
    const auto* old_entry = before.file_.find(entry.user);
    if (old_entry == nullptr || !(old_entry->hash == entry.hash)) continue;
    proved_[index(entry)] = before.proved_[before.index(*old_entry)];
  }
}

}  // namespace broker
