package io.guardbee.service;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.guardbee.hsm.Token;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.installation.InstallationCertificates;

@AnalyzeClasses(packages = "io.guardbee", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.guardbee.service.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule MODULES_POINT_ONE_WAY =
      noClasses()
          .that()
          .resideInAPackage("io.guardbee.service..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.guardbee.broker..", "io.guardbee.agent..", "org.xipki..", "iaik..");

  @ArchTest
  static final ArchRule FEATURES_KNOW_NO_HTTP =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..issuance..",
              "..request..",
              "..approval..",
              "..authority..",
              "..ceremony..",
              "..audit..",
              "..grant..",
              "..revocation..",
              "..serverkey..",
              "..device..",
              "..feed..",
              "..policy..",
              "..broker..",
              "..store..",
              "..backup..",
              "..attempt..",
              "..limit..",
              "..explain..",
              "..lint..",
              "..crl..",
              "..ocsp..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "io.guardbee.service.http..");

  /** The root signs in ceremonies only: nobody else can hold its key, nor look for it. */
  @ArchTest
  static final ArchRule ROOT_KEY_STAYS_IN_CEREMONIES =
      classes()
          .that()
          .haveFullyQualifiedName("io.guardbee.service.ceremony.RootKey")
          .should()
          .bePackagePrivate()
          .andShould()
          .haveOnlyPrivateConstructors();

  @ArchTest
  static final ArchRule KEYS_ARE_LOOKED_FOR_IN_FEW_PLACES =
      noClasses()
          .that()
          .resideInAPackage("io.guardbee.service..")
          .and()
          .resideOutsideOfPackage("..ceremony..")
          .and(not(belongToAnyOf(Authorities.class, InstallationCertificates.class)))
          .and()
          .doNotHaveSimpleName("HttpsKeys") // no authority's: the HTTPS server's own
          .should()
          .callMethodWhere(
              target(owner(type(Token.class)))
                  .and(target(nameMatching("find|list|generate|destroy"))));

  @ArchTest
  static final ArchRule CEREMONIES_ARE_HELD_BY_COMMANDS_AND_THE_FIRST_START =
      noClasses()
          .that()
          .resideOutsideOfPackages("..service.ceremony..", "..service.cli..")
          .and(not(belongToAnyOf(ProvisioningService.class)))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..service.ceremony..");
}
