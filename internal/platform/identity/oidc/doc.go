// Package oidc asks an identity provider (身份认证平台) who somebody is, by OpenID Connect: the authorisation code flow with PKCE.
//
//	provider, err := oidc.New(config, "https://hall.example.gov.cn", client, clock)
//	address, kept, err := provider.Begin(ctx)     // send the browser to address, keep kept in its session
//	said, err := provider.Finish(ctx, kept, query) // query is that of the request to provider.Callback
//
// The browser that comes back must be the one that went: state, nonce and the PKCE verifier lie in its session and are used once. The
// ID token must be signed by a key that the provider publishes, be for this hall, carry the nonce, and be in time; tokens without a
// signature or signed with a shared secret are refused. A provider that names itself in the answer (RFC 9207) must be the one that was
// asked. Discovery happens when it is first needed, so that a hall starts while a provider is away.
//
// What the provider's claims mean is configuration: which one holds the identity number, which values of acr and amr say that a second
// factor was shown. The package knows no accounts: package identity decides what an assertion opens.
package oidc
