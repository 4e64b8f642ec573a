// The npm package openid-client, unmodified, as a portal that registers itself (RFC 7591) and signs
// somebody in. The browser's part is the test's: this prints the address to open ("OPEN <address>"),
// and reads where the browser ended from its standard input.
//
// node openid_client_registers.mjs <issuer> <redirect URI> <initial access token, or nothing>

import { createInterface } from 'node:readline/promises'

import * as client from 'openid-client'

const [issuer, redirectUri, initialAccessToken] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

function must (holds, what) {
  if (!holds) throw new Error(`not so: ${what}`)
  console.log(`ok ${what}`)
}

const config = await client.dynamicClientRegistration(
  new URL(issuer),
  { client_name: 'سامانه‌ی خودکار', redirect_uris: [redirectUri] },
  client.ClientSecretBasic(),
  { initialAccessToken }
)
const { client_id: clientId, client_secret: secret } = config.clientMetadata()
console.log(`SECRETS ${JSON.stringify([secret])}`)
must(clientId && secret, 'registration')

const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce
})
console.log(`OPEN ${address.href}`)
const arrived = new URL((await lines.next()).value)
const tokens = await client.authorizationCodeGrant(config, arrived, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true
})
must(tokens.claims().aud === clientId, 'tokens')
process.exit(0)
