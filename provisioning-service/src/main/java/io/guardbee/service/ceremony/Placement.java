package io.guardbee.service.ceremony;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.AuthorityFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Puts into {@code ca/} what the records say belongs there. A ceremony is done once its record is;
 * a crash between the record and these files is made good by doing this again, without the root.
 */
final class Placement {

  private final Path ca;
  private final History history;
  private final Clock clock;

  Placement(Path ca, History history, Clock clock) {
    this.ca = ca;
    this.history = history;
    this.clock = clock;
  }

  /**
   * Writes the files that differ.
   *
   * @return the roles whose newest certificate was not there before; one that a lost record puts
   *     first again was
   */
  Set<String> complete() throws IOException {
    Set<String> completed = new HashSet<>();
    X509Certificate root = placeRoot(completed);
    Optional<RootCrl> crl = placeCrl(root);
    List<List<X509Certificate>> wanted = new ArrayList<>();
    List<X509Certificate> chain = new ArrayList<>();
    for (String role : AuthorityFiles.ROLES) {
      List<X509Certificate> believed = believed(role, crl);
      wanted.add(believed);
      chain.addAll(believed);
    }
    chain.add(root);
    // the roles' files come last: as long as one is not in place, the ceremony is not over
    place(ca.resolve("chain.pem"), chain);
    for (int i = 0; i < wanted.size(); i++) {
      String role = AuthorityFiles.ROLES.get(i);
      if (!there(role).contains(wanted.get(i).get(0))) {
        completed.add(role);
      }
      place(AuthorityFiles.file(ca, role), wanted.get(i));
    }
    return completed;
  }

  private X509Certificate placeRoot(Set<String> completed) throws IOException {
    Path file = AuthorityFiles.rootFile(ca);
    if (!Files.exists(file)) {
      SafeFiles.writePublic(file, Pem.certificates(history.certificates(RootKey.ROLE)));
      completed.add(RootKey.ROLE);
    }
    return Pem.readCertificates(file).get(0);
  }

  private Optional<RootCrl> placeCrl(X509Certificate root) throws IOException {
    Optional<RootCrl> there = RootCrl.read(ca, root);
    Optional<RootCrl> told = history.crl();
    if (told.isEmpty() || there.map(RootCrl::number).orElse(0L) >= told.get().number()) {
      return there;
    }
    told.get().write(ca);
    return told;
  }

  /** Newest first: those of the records, then what was there before there were records. */
  private List<X509Certificate> believed(String role, Optional<RootCrl> crl) throws IOException {
    List<X509Certificate> all = new ArrayList<>(history.certificates(role));
    there(role).stream().filter(known -> !all.contains(known)).forEach(all::add);
    List<X509Certificate> believed = new ArrayList<>(all.subList(0, Math.min(1, all.size())));
    all.stream()
        .skip(1)
        .filter(predecessor -> predecessor.getNotAfter().toInstant().isAfter(clock.instant()))
        .filter(predecessor -> crl.isEmpty() || !crl.get().holds(Serial.of(predecessor)))
        .forEach(believed::add);
    return believed;
  }

  private List<X509Certificate> there(String role) throws IOException {
    Path file = AuthorityFiles.file(ca, role);
    return Files.exists(file) ? Pem.readCertificates(file) : List.of();
  }

  private static void place(Path file, List<X509Certificate> certificates) throws IOException {
    String wanted = Pem.certificates(certificates);
    if (!Files.exists(file) || !Files.readString(file, StandardCharsets.UTF_8).equals(wanted)) {
      SafeFiles.writePublic(file, wanted);
    }
  }
}
