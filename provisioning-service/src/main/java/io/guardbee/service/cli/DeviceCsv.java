package io.guardbee.service.cli;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * A list of devices as factories keep it: CSV with the columns deviceId and, optionally, profile.
 */
final class DeviceCsv {

  private static final Set<String> COLUMNS = Set.of("deviceId", "profile");
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private DeviceCsv() {}

  /** One line of the list. */
  record Row(DeviceId deviceId, Optional<String> profile) {}

  /**
   * Reads the whole list.
   *
   * @throws RefusedException naming file and row of the first that is wrong
   */
  static List<Row> read(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.UTF_8);
    String clean = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    List<Row> rows = new ArrayList<>();
    Set<DeviceId> seen = new HashSet<>();
    try (MappingIterator<Map<String, String>> lines =
        CsvMapper.builder()
            .enable(CsvReadFeature.TRIM_SPACES, CsvReadFeature.SKIP_EMPTY_LINES)
            .build()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(clean)) {
      while (lines.hasNext()) {
        String place = file + ": row " + (rows.size() + 1);
        Row row = row(lines.next(), place);
        if (!seen.add(row.deviceId())) {
          throw wrong(place, "device " + row.deviceId() + " stands twice in the list");
        }
        rows.add(row);
      }
    } catch (JacksonException e) {
      throw wrong(file + ": row " + (rows.size() + 1), String.valueOf(e.getOriginalMessage()));
    }
    if (rows.isEmpty()) {
      throw wrong(file.toString(), "the list has no devices");
    }
    return rows;
  }

  private static Row row(Map<String, String> cells, String place) {
    if (!COLUMNS.containsAll(cells.keySet())) {
      throw wrong(place, "unknown columns in " + Quoted.of(String.join(",", cells.keySet())));
    }
    String id = cells.get("deviceId");
    if (id == null) {
      throw wrong(place, "no column deviceId");
    }
    try {
      return new Row(
          new DeviceId(id),
          Optional.ofNullable(cells.get("profile")).filter(profile -> !profile.isBlank()));
    } catch (RefusedException e) {
      throw new RefusedException(e.reason(), place + ": " + e.detail(), e.nextStep());
    }
  }

  private static RefusedException wrong(String place, String what) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        place + ": " + what,
        "begin the file with the line deviceId,profile and give one device a line");
  }
}
