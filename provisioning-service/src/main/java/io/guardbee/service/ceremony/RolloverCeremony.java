package io.guardbee.service.ceremony;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.ceremony.Ceremonies.Outcome;
import io.guardbee.service.ceremony.Ceremonies.Tokens;
import io.guardbee.service.ceremony.CeremonyRecord.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gives a role a new key and certificate, under the same name and root. */
final class RolloverCeremony {

  private final Path ca;
  private final Clock clock;
  private final AuthorityDraft draft;

  RolloverCeremony(Path ca, AuthorityDraft draft, Clock clock) {
    this.ca = ca;
    this.draft = draft;
    this.clock = clock;
  }

  Outcome hold(Tokens tokens, String role, Optional<KeyType> wanted) throws IOException {
    AuthorityFiles files = AuthorityFiles.read(ca);
    X509Certificate current = files.current(role);
    KeyType type = wanted.orElseGet(() -> KeyDescription.typeOf(current.getPublicKey()));
    List<X509Certificate> certified = new ArrayList<>(files.all(role));
    certified.addAll(History.read(ca).certificates(role));
    try (RootKey rootKey = RootKey.of(tokens.root(), files.root())) {
      Minutes minutes = new Minutes(Kind.ROLLOVER, rootKey);
      TokenKey key = AuthorityKeys.next(tokens.authorities(), role, certified, type);
      minutes.used(role, tokens.authorities(), key);
      minutes.signed(
          role,
          draft.below(rootKey, files.root(), current.getSubjectX500Principal(), key.publicKey()));
      Path file = minutes.commit(ca, rootKey, clock.instant());
      new Placement(ca, History.read(ca), clock).complete();
      return new Outcome(Optional.of(file), minutes.certificates());
    }
  }
}
