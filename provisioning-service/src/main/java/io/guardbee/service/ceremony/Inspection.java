package io.guardbee.service.ceremony;

import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.AuthorityFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares what is in {@code ca/} with what the records say. Changes nothing. */
final class Inspection {

  private final Path ca;
  private final Clock clock;
  private final History history;
  private final AuthorityFiles files;
  private final List<String> problems = new ArrayList<>();

  Inspection(Path ca, Clock clock) throws IOException {
    this.ca = ca;
    this.clock = clock;
    this.history = History.read(ca);
    this.files = AuthorityFiles.read(ca);
  }

  CaReport report() throws IOException {
    List<CaReport.Authority> authorities = new ArrayList<>();
    authorities.add(authority(RootKey.ROLE, "current", AuthorityFiles.rootFile(ca), files.root()));
    for (String role : AuthorityFiles.ROLES) {
      Path file = AuthorityFiles.file(ca, role);
      for (X509Certificate certificate : files.all(role)) {
        boolean current = certificate.equals(files.current(role));
        authorities.add(authority(role, current ? "current" : "predecessor", file, certificate));
      }
      history.certificates(role).stream()
          .findFirst()
          .filter(newest -> !newest.equals(files.current(role)))
          .ifPresent(newest -> problems.add(unplaced(file, Serial.of(newest).toString())));
    }
    Optional<RootCrl> crl = crl();
    return new CaReport(
        authorities, crl.map(this::described).orElse(null), history.told(), problems);
  }

  private CaReport.Authority authority(
      String role, String state, Path file, X509Certificate certificate) {
    if (!history.certificates(role).contains(certificate)) {
      problems.add(
          file + ": no verified record tells of the certificate " + Serial.of(certificate));
    }
    return CaReport.Authority.of(role, state, file, certificate);
  }

  private static String unplaced(Path file, String what) {
    return file
        + " is not what the last record says: "
        + what
        + " is missing; start the service,"
        + " which puts it in place";
  }

  private Optional<RootCrl> crl() throws IOException {
    Optional<RootCrl> told = history.crl();
    Path file = RootCrl.file(ca);
    try {
      Optional<RootCrl> there = RootCrl.read(ca, files.root());
      if (told.isPresent() && there.isEmpty()) {
        problems.add(unplaced(file, "list number " + told.get().number()));
      } else if (there.isPresent()
          && !there.map(RootCrl::fingerprint).equals(told.map(RootCrl::fingerprint))) {
        problems.add(file + " is not the list that the last verified record tells of");
      }
      return there;
    } catch (RefusedException e) {
      problems.add(e.detail());
      return Optional.empty();
    }
  }

  private CaReport.Crl described(RootCrl list) {
    return new CaReport.Crl(
        RootCrl.file(ca).toString(),
        list.number(),
        list.thisUpdate(),
        list.nextUpdate(),
        !clock.instant().isBefore(list.due()),
        list.nextUpdate().isBefore(clock.instant()),
        list.entries().stream()
            .map(
                entry ->
                    new CaReport.Revoked(
                        new Serial(entry.getSerialNumber()).toString(),
                        entry.getRevocationDate().toInstant(),
                        RootCrl.reason(entry)))
            .toList());
  }
}
