// What oidc-client-ts leaves to TLS: the response's iss (RFC 9207) and the ID token's signature and claims
// (OpenID Connect Core 3.1.3.7). With them, nobody between the hub and the page can sign a citizen in.
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

function bytes (text) {
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/')
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
}

function read (part) {
  return JSON.parse(new TextDecoder().decode(bytes(part)))
}

function require (holds, what) {
  if (!holds) throw new Error(`ID token: ${what}`)
}

async function isSigned (token, keys) {
  const [header, claims, signature] = token.split('.')
  const { alg, kid } = read(header)
  const jwk = keys.find((one) => one.kid === kid && one.kty === 'RSA')
  if (alg !== 'RS256' || !jwk) return false
  const key = await crypto.subtle.importKey('jwk', { kty: 'RSA', n: jwk.n, e: jwk.e }, ALGORITHM, false, ['verify'])
  return crypto.subtle.verify(ALGORITHM, key, bytes(signature), new TextEncoder().encode(`${header}.${claims}`))
}

async function isHashOf (hash, token) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
  return bytes(hash).join() === digest.slice(0, 16).join()
}

// Throws unless the hub made this user's ID token for this portal, now, as the answer to this nonce.
async function verify (user, nonce, { issuer, clientId, keys, leeway }) {
  require(await isSigned(user.id_token, keys), 'not signed by the hub')
  const claims = read(user.id_token.split('.')[1])
  require(claims.iss === issuer, 'another issuer')
  require([claims.aud].flat().join() === clientId, 'for another portal')
  require(claims.exp + leeway > Date.now() / 1000, 'expired')
  require(claims.nonce === nonce, 'another nonce')
  require(await isHashOf(claims.at_hash, user.access_token), 'of another access token')
}
