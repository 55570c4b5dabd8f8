#pragma once

#include <openssl/types.h>

namespace mqtt::io {

/// Lets the sessions of a server's `context` be resumed for as long as what the client has proved
/// would still be believed. OpenSSL looks at a certificate when it is shown, and never again: with
/// each resumption it hands out a fresh ticket, and a client could go on with them for ever.
///
/// A ticket says until when it is good: a day after the client has proved who it is, and not longer
/// than its certificate, those that vouch for it and the revocation list that clears it are. After
/// that the client has to prove it again. Another context has keys of its own and takes none of
/// these tickets.
void limit_resumption(SSL_CTX* context);

}  // namespace mqtt::io
