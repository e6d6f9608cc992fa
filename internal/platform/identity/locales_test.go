package identity_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
)

// Whatever is refused is said in three languages.
func TestEveryRefusalHasWords(t *testing.T) {
	text, err := identity.Locales.ReadFile("locales/identity.yaml")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]lang.Text{}
	if err := yaml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, code := range []string{
		identity.RefusedForm, identity.RefusedWrong, identity.RefusedTooMany, identity.RefusedBusy, identity.RefusedNoAccount,
		identity.RefusedNoMandate, identity.RefusedNoPost, identity.RefusedToken, identity.RefusedMandateRange,
		identity.RefusedFactor, identity.RefusedCode, identity.RefusedOffer, identity.RefusedLastFactor, identity.RefusedManyFactors,
		identity.RefusedPasskey, identity.RefusedSelf, identity.RefusedProvider, identity.RefusedLinked,
	} {
		keys = append(keys, (&identity.Refusal{Code: code}).Key())
	}
	for _, code := range []string{
		identity.FieldRequired, identity.FieldLogin, identity.FieldTaken, identity.FieldShort, identity.FieldLong, identity.FieldGuessed,
		identity.FieldShortStaff, identity.FieldCommon, identity.FieldNumber, identity.FieldKind, identity.FieldUnknown,
	} {
		keys = append(keys, "identity.field."+code)
	}
	for _, reason := range []string{identity.DeniedSignIn, identity.DeniedRole, identity.DeniedOther, identity.DeniedScope, identity.DeniedFactor, identity.DeniedStale} {
		keys = append(keys, (&identity.Denied{Reason: reason}).Key())
	}
	for _, role := range []string{
		registry.Clerk, registry.Agent, registry.Reviewer, registry.Head, registry.Supervisor, registry.Manager, registry.Complaints, registry.Disclosure,
		registry.SystemAdmin, registry.SecurityAdmin, registry.AuditAdmin, "applicant",
	} {
		keys = append(keys, "identity.role."+role)
	}
	for _, kind := range []identity.Kind{identity.Visitor, identity.Person, identity.Enterprise, identity.Staff, identity.Machine, identity.System} {
		keys = append(keys, "identity.kind."+string(kind))
	}
	for _, key := range keys {
		if x := words[key]; !x.Complete() {
			t.Errorf("%s: %+v", key, x)
		}
		delete(words, key)
	}
	for key := range words {
		t.Errorf("nobody says %s", key)
	}
}
