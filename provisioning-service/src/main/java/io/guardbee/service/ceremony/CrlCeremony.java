package io.guardbee.service.ceremony;

import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.ceremony.Ceremonies.CrlOrder;
import io.guardbee.service.ceremony.Ceremonies.Outcome;
import io.guardbee.service.ceremony.CeremonyRecord.CrlNote;
import io.guardbee.service.ceremony.CeremonyRecord.Kind;
import io.guardbee.service.ceremony.CeremonyRecord.RevokedNote;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;

/** Signs the list of revoked authorities (RFC 5280 §5). */
final class CrlCeremony {

  private static final int NO_REASON = 0; // RFC 5280 §5.3.1: absent rather than unspecified

  private final Path ca;
  private final Clock clock;

  CrlCeremony(Path ca, Clock clock) {
    this.ca = ca;
    this.clock = clock;
  }

  Outcome hold(Pkcs11Uri place, CrlOrder order) throws IOException {
    AuthorityFiles files = AuthorityFiles.read(ca);
    History history = History.read(ca);
    order.revoke().keySet().forEach(serial -> requireRevocable(serial, files, history));
    Optional<RootCrl> last = RootCrl.read(ca, files.root());
    try (RootKey rootKey = RootKey.of(place, files.root())) {
      Minutes minutes = new Minutes(Kind.CRL, rootKey);
      Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
      RootCrl list = new RootCrl(rootKey.revoke(draft(files.root(), last, order, now)));
      minutes.signed(note(list));
      Path file = minutes.commit(ca, rootKey, clock.instant());
      new Placement(ca, History.read(ca), clock).complete();
      return new Outcome(Optional.of(file), List.of());
    }
  }

  /** The first list of a new root, which holds nobody. */
  static RootCrl first(RootKey rootKey, X509Certificate root, Clock clock) throws IOException {
    CrlOrder order = new CrlOrder(Map.of(), CrlOrder.VALIDITY);
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    return new RootCrl(rootKey.revoke(draft(root, Optional.empty(), order, now)));
  }

  private static void requireRevocable(Serial serial, AuthorityFiles files, History history) {
    for (String role : AuthorityFiles.ROLES) {
      if (Serial.of(files.current(role)).equals(serial)) {
        throw new RefusedException(
            Reason.CONFIGURATION_INVALID,
            serial + " is the " + role + " CA that signs now",
            "run guardbee ca rollover " + role + " first, then revoke it");
      }
      boolean known =
          Stream.concat(files.all(role).stream(), history.certificates(role).stream())
              .anyMatch(authority -> Serial.of(authority).equals(serial));
      if (known) {
        return;
      }
    }
    throw new RefusedException(
        Reason.CERTIFICATE_UNKNOWN,
        serial + " is no authority below this root",
        "take the serial of a predecessor from guardbee ca show");
  }

  private static X509v2CRLBuilder draft(
      X509Certificate root, Optional<RootCrl> last, CrlOrder order, Instant now)
      throws IOException {
    X509v2CRLBuilder draft =
        new JcaX509v2CRLBuilder(root.getSubjectX500Principal(), Date.from(now));
    draft.setNextUpdate(Date.from(now.plus(order.validity())));
    for (X509CRLEntry entry : last.map(RootCrl::entries).orElse(List.of())) {
      int reason = CaRevocationReason.of(entry).map(CaRevocationReason::number).orElse(NO_REASON);
      draft.addCRLEntry(entry.getSerialNumber(), entry.getRevocationDate(), reason);
    }
    newcomers(last, order)
        .forEach(
            (serial, reason) ->
                draft.addCRLEntry(
                    serial.value(),
                    Date.from(now),
                    reason.map(CaRevocationReason::number).orElse(NO_REASON)));
    long number = last.map(RootCrl::number).orElse(0L) + 1;
    return extended(draft, root, number);
  }

  /** An authority that is on the list already keeps its date and reason. */
  private static Map<Serial, Optional<CaRevocationReason>> newcomers(
      Optional<RootCrl> last, CrlOrder order) {
    return order.revoke().entrySet().stream()
        .filter(entry -> last.isEmpty() || !last.get().holds(entry.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static X509v2CRLBuilder extended(
      X509v2CRLBuilder draft, X509Certificate root, long number) throws IOException {
    try {
      return draft
          .addExtension( // RFC 5280 §5.2.1
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(root.getPublicKey()))
          .addExtension( // RFC 5280 §5.2.3
              Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  static CrlNote note(RootCrl list) {
    List<RevokedNote> entries =
        list.entries().stream()
            .map(
                entry ->
                    new RevokedNote(
                        new Serial(entry.getSerialNumber()).toString(),
                        entry.getRevocationDate().toInstant(),
                        CaRevocationReason.of(entry)
                            .map(CaRevocationReason::toString)
                            .orElse(null)))
            .toList();
    return new CrlNote(
        list.number(),
        list.thisUpdate(),
        list.nextUpdate(),
        entries,
        list.fingerprint().toString(),
        list.pem());
  }
}
