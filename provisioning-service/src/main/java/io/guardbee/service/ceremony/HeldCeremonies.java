package io.guardbee.service.ceremony;

import io.guardbee.pki.Fingerprint;
import io.guardbee.service.audit.HeldCeremony;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The ceremonies that a home has seen, as its records tell at the start.
 *
 * @param all those whose record is there, in their order
 */
public record HeldCeremonies(List<HeldCeremony> all) {

  public HeldCeremonies {
    all = List.copyOf(all);
  }

  public static HeldCeremonies of(CaReport report) throws IOException {
    List<HeldCeremony> held = new ArrayList<>();
    for (CaReport.Ceremony told : report.ceremonies()) {
      Path record = Path.of(told.file());
      if (Files.isRegularFile(record)) {
        held.add(
            new HeldCeremony(
                told.number(),
                told.kind(),
                told.time(),
                told.state(),
                Fingerprint.of(Files.readAllBytes(record))));
      }
    }
    return new HeldCeremonies(held);
  }
}
