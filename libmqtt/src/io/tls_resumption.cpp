#include "tls_resumption.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <limits>
#include <optional>

namespace mqtt::io {
namespace {

/// Seconds since 1970, in the ticket in the byte order of this machine.
using Time = std::int64_t;

constexpr Time longest_s = 24L * 3600;

Time now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? Time{timegm(&parts)} : 0;
}

bool has_flag(const X509_VERIFY_PARAM* rules, unsigned long flag) {
  return (X509_VERIFY_PARAM_get_flags(rules) & flag) != 0;
}

/// The next update of this issuer's newest revocation list; nullopt: there is none.
std::optional<Time> end_of_revocation_list(X509_STORE* store, const X509_NAME* issuer) {
  std::optional<Time> end;
  X509_STORE_lock(store);  // others may add to it while they look a certificate up
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509_CRL* const list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
    if (list == nullptr || X509_NAME_cmp(X509_CRL_get_issuer(list), issuer) != 0) continue;
    const ASN1_TIME* const next = X509_CRL_get0_nextUpdate(list);
    const Time one = next == nullptr ? std::numeric_limits<Time>::max() : time_of(next);
    end = std::max(end.value_or(one), one);
  }
  X509_STORE_unlock(store);
  return end;
}

/// The time until which the client's authentication in this handshake is valid.
Time end_of_proof(SSL* ssl) {
  Time end = now() + longest_s;
  if (has_flag(SSL_get0_param(ssl), X509_V_FLAG_NO_CHECK_TIME)) return end;
  const STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    end = std::min(end, time_of(X509_get0_notAfter(sk_X509_value(chain, i))));
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  if (sk_X509_num(chain) > 0 && has_flag(X509_STORE_get0_param(store), X509_V_FLAG_CRL_CHECK)) {
    const X509_NAME* const issuer = X509_get_issuer_name(sk_X509_value(chain, 0));
    end = std::min(end, end_of_revocation_list(store, issuer).value_or(end));
  }
  return end;
}

/// Called before a ticket is created.
int mark(SSL* ssl, void*) {
  // A resumed session keeps the expiry of its first handshake.
  if (SSL_session_reused(ssl) == 1) return 1;
  const Time end = end_of_proof(ssl);
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), &end, sizeof end);
}

bool is_still_good(SSL_SESSION* session) {
  void* data = nullptr;
  std::size_t size = 0;
  Time end = 0;
  if (SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || size != sizeof end) {
    return false;
  }
  std::memcpy(&end, data, sizeof end);
  return now() < end;
}

/// Called when a ticket is presented.
SSL_TICKET_RETURN judge(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                        SSL_TICKET_STATUS status, void*) {
  const bool is_ours = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  if (!is_ours || !is_still_good(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

}  // namespace

void limit_resumption(SSL_CTX* context) {
  SSL_CTX_set_session_ticket_cb(context, &mark, &judge, nullptr);
}

}  // namespace mqtt::io
