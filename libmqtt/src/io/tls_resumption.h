#pragma once

#include <openssl/types.h>

namespace mqtt::io {

/// Limits the resumption of sessions of a server's `context` to the validity of the client's
/// authentication. OpenSSL checks a certificate only when it is presented: with each resumption it
/// issues a new ticket, and a client could continue with them forever.
///
/// A ticket contains its expiry: a day after the client authenticated, and not later than the
/// expiry of its certificate, its authorities' certificates and the revocation list. After that the
/// client must authenticate again. Another context has other keys and accepts none of these
/// tickets.
void limit_resumption(SSL_CTX* context);

}  // namespace mqtt::io
