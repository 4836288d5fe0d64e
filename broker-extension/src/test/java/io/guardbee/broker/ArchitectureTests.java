package io.guardbee.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which package may know which. */
@AnalyzeClasses(
    packages = "io.guardbee.broker",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

  @ArchTest
  static final ArchRule KNOWS_NO_PKCS11 =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.guardbee.hsm..", "org.xipki..", "org.bouncycastle..");

  @ArchTest
  static final ArchRule EXTENSION_KNOWS_NOT_WHO_RUNS_IT =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.guardbee.broker.run..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.guardbee.broker.run..",
              "io.guardbee.operator..",
              "picocli..",
              "com.hivemq.HiveMQServer");

  /** Run-time internals of HiveMQ change without notice; an extension has the SDK. */
  @ArchTest
  static final ArchRule ONLY_THE_SDK =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.guardbee.broker.run..")
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("com.hivemq..")
                  .and(
                      com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage(
                          "com.hivemq.extension.sdk.api.."))
                  .as("HiveMQ's internals"));

  @ArchTest
  static final ArchRule POLICY_AND_STATUS_ARE_PURE =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.guardbee.broker.policy..", "io.guardbee.broker.status..", "..broker.yaml..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.hivemq..", "io.guardbee.broker.door..");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.guardbee.broker.(*)..").should().beFreeOfCycles();
}
