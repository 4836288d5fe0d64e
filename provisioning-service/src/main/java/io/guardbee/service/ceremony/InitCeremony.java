package io.guardbee.service.ceremony;

import io.guardbee.hsm.key.TokenKey;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.ceremony.Ceremonies.Outcome;
import io.guardbee.service.ceremony.Ceremonies.Plan;
import io.guardbee.service.ceremony.Ceremonies.Tokens;
import io.guardbee.service.ceremony.CeremonyRecord.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Optional;

/** Makes the root, both authorities below it, and the root's first list of revoked ones. */
final class InitCeremony {

  private final Path ca;
  private final Clock clock;
  private final AuthorityDraft draft;

  InitCeremony(Path ca, AuthorityDraft draft, Clock clock) {
    this.ca = ca;
    this.draft = draft;
    this.clock = clock;
  }

  Outcome hold(Tokens tokens, Plan plan) throws IOException {
    try (RootKey rootKey = RootKey.make(tokens.root(), plan.rootKey())) {
      Minutes minutes = new Minutes(Kind.INIT, rootKey);
      X509Certificate root = draft.root(rootKey, plan.organization());
      minutes.signed(RootKey.ROLE, root);
      for (String role : AuthorityFiles.ROLES) {
        TokenKey key = AuthorityKeys.first(tokens.authorities(), role, plan.authorityKeys());
        minutes.used(role, tokens.authorities(), key);
        minutes.signed(
            role,
            draft.below(
                rootKey, root, AuthorityDraft.name(role, plan.organization()), key.publicKey()));
      }
      minutes.signed(CrlCeremony.note(CrlCeremony.first(rootKey, root, clock)));
      Path file = minutes.commit(ca, rootKey, clock.instant());
      new Placement(ca, History.read(ca), clock).complete();
      return new Outcome(Optional.of(file), minutes.certificates());
    }
  }
}
