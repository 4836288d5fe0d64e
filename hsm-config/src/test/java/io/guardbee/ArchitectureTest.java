package io.guardbee;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.guardbee", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String CRYPTOKI = "io\\.guardbee\\.hsm\\.cryptoki\\.Cryptoki(\\$.*)?";

  /** What the broker bundles must not need a PKCS#11 class. */
  @ArchTest
  static final ArchRule onlyHsmKnowsPkcs11 =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.guardbee.hsm..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.guardbee.hsm..", "iaik..", "org.xipki..");

  @ArchTest
  static final ArchRule oneClassKnowsTheWrapper =
      noClasses()
          .that()
          .haveNameNotMatching(CRYPTOKI)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("iaik..", "org.xipki..");

  @ArchTest
  static final ArchRule thatClassIsThere =
      classes()
          .that()
          .haveFullyQualifiedName("io.guardbee.hsm.cryptoki.Cryptoki")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("iaik..");

  @ArchTest
  static final ArchRule noCyclesInsideHsm =
      slices().matching("io.guardbee.hsm.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noCycles = slices().matching("io.guardbee.(*)..").should().beFreeOfCycles();
}
