// The npm package oidc-client-ts, unmodified, in a page of its own: what the tests call is `manager`,
// and what it told us of itself is in `events`.
const { origin, pathname } = window.location
const events = []
const manager = new oidc.UserManager({
  redirect_uri: `${origin}/callback`,
  silent_redirect_uri: `${origin}/silent`,
  post_logout_redirect_uri: `${origin}/goodbye`,
  loadUserInfo: true,
  silentRequestTimeoutInSeconds: 10,
  monitorSession: localStorage.watches === 'yes',
  checkSessionIntervalInSeconds: 1,
  ...settings
})
manager.events.addUserLoaded((user) => events.push(`loaded ${user.profile.sub}`))
manager.events.addUserUnloaded(() => events.push('unloaded'))
manager.events.addUserSignedOut(() => events.push('signed out'))

const arrivals = {
  '/callback': () => manager.signinRedirectCallback(),
  '/silent': () => manager.signinSilentCallback(),
  '/goodbye': () => manager.signoutRedirectCallback()
}
// A failure is a value too, so that a test can read it.
function told (promise) {
  return promise.then((value) => ({ value }), (error) => ({ error: error.error ?? String(error) }))
}

const arrived = told(Promise.resolve(arrivals[pathname]?.()))
