# Varnish 7 in front of the gateways: docs/edge.md. Needs the module xkey (Debian: varnish-modules).
vcl 4.1;

import directors;
import std;
import xkey;

probe ready {
  .url = "/readyz";
  .interval = 1s;
  .timeout = 2s;
  .window = 3;
  .threshold = 2;
  .initial = 2;
}

# Longer than EXECUTION_TIMEOUT_MS.
backend gateway_a { .host = "gateway-a"; .port = "4000"; .first_byte_timeout = 20s; .between_bytes_timeout = 10s; .probe = ready; }
backend gateway_b { .host = "gateway-b"; .port = "4000"; .first_byte_timeout = 20s; .between_bytes_timeout = 10s; .probe = ready; }

# The gateways, which alone may purge. Never add the address of a proxy that forwards requests of clients to this Varnish.
acl purgers {
  "gateway-a";
  "gateway-b";
}

sub vcl_init {
  new gateways = directors.round_robin();
  gateways.add_backend(gateway_a);
  gateways.add_backend(gateway_b);
}

sub vcl_recv {
  if (req.method == "PURGE") {
    if (client.ip !~ purgers) {
      return (synth(403, "Only the gateways may purge"));
    }
    if (!req.http.xkey) {
      return (synth(400, "Expected the header xkey"));
    }
    if (req.http.xkey-soft) {
      set req.http.X-Purged = xkey.softpurge(req.http.xkey);
    } else {
      set req.http.X-Purged = xkey.purge(req.http.xkey);
    }
    return (synth(200, "Purged " + req.http.X-Purged));
  }
  set req.backend_hint = gateways.backend();
  # For the network of the gateways only. The gateway decodes a path, so one with a percent sign might be any other; no path of it has one.
  if (req.url ~ "^/(metrics|api|dashboard)" || req.url ~ "^[^?]*%") {
    return (synth(404, "Not found"));
  }
  if (req.method != "GET" && req.method != "HEAD") {
    return (pass);
  }
  if (req.url !~ "^/graphql\?") {
    return (pass);
  }
  # The reader of an own write gets the gateway, which alone knows whether a copy is new enough.
  if (req.http.Consistency-Token || req.http.Cookie ~ "(^|; *)tidegate-consistency=") {
    return (pass);
  }
  # The gateway refuses a GET that a foreign page can send without a preflight.
  if (!req.http.Apollo-Require-Preflight && !req.http.X-Apollo-Operation-Name && req.http.Content-Type !~ "^application/json") {
    return (pass);
  }
  # Administrators may reload or debug a response. For others the gateway ignores these headers.
  if (req.http.X-Cache-Debug || req.http.Apollo-Cache-Debugging) {
    return (pass);
  }
  if (req.http.Authorization && req.http.Cache-Control ~ "(?i)no-(cache|store)") {
    return (pass);
  }
  # Also with a token and with cookies: only responses that say `public` are stored, and those are the same for everybody.
  return (hash);
}

sub vcl_backend_response {
  set beresp.grace = 0s;
  set beresp.keep = 0s;
  if (beresp.status != 200
    || beresp.http.Cache-Control !~ "(?i)(^|[ ,])public([ ,]|$)"
    || beresp.http.Cache-Control ~ "(?i)(private|no-store|no-cache)"
    || beresp.http.CDN-Cache-Control ~ "(?i)no-store"
    || beresp.http.Set-Cookie
    || beresp.http.Consistency-Token
    || beresp.http.Vary ~ "(?i)(authorization|cookie|\*)"
    || !beresp.http.Surrogate-Key) {
    # Remembers for a moment that requests with this address need not wait for each other. The response is not stored.
    set beresp.ttl = 10s;
    set beresp.uncacheable = true;
    return (deliver);
  }
  # Varnish itself has read s-maxage. The lifetime for CDNs may be another one.
  if (beresp.http.CDN-Cache-Control ~ "max-age=[0-9]+") {
    set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control, "^.*max-age=([0-9]+).*$", "\1") + "s", 0s);
    set beresp.ttl = beresp.ttl - std.duration(beresp.http.Age + "s", 0s);
  }
  if (beresp.ttl <= 0s) {
    set beresp.ttl = 10s;
    set beresp.uncacheable = true;
    return (deliver);
  }
  # An expired response is served only for as long as the gateway allows it, while a new one is fetched.
  if (beresp.http.CDN-Cache-Control ~ "stale-while-revalidate=[0-9]+") {
    set beresp.grace = std.duration(regsub(beresp.http.CDN-Cache-Control, "^.*stale-while-revalidate=([0-9]+).*$", "\1") + "s", 0s);
  }
  # For revalidation with its ETag.
  set beresp.keep = 60s;
  set beresp.http.xkey = beresp.http.Surrogate-Key;
  return (deliver);
}

sub vcl_deliver {
  unset resp.http.xkey;
  unset resp.http.Surrogate-Key;
  unset resp.http.Cache-Tag;
  unset resp.http.Surrogate-Control;
  unset resp.http.CDN-Cache-Control;
  if (obj.hits > 0) {
    set resp.http.X-Edge = "HIT";
    # It names the request of another client.
    unset resp.http.X-Request-Id;
  } else {
    set resp.http.X-Edge = "MISS";
  }
}
