// Checks PDF files against PDF/UA-1 (ISO 14289-1) with veraPDF; prints one line for each rule that fails.

import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;

public final class Check {
    public static void main(String[] names) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        var foundry = Foundries.defaultInstance();
        boolean fine = true;
        for (String name : names) {
            try (var parser = foundry.createParser(new FileInputStream(name), PDFAFlavour.PDFUA_1)) {
                var result = foundry.createValidator(PDFAFlavour.PDFUA_1, false).validate(parser);
                fine &= result.isCompliant();
                System.out.println(name + ": " + result.isCompliant() + ", " + result.getTotalAssertions() + " checks");
                for (var each : result.getFailedChecks().entrySet()) {
                    System.out.println(each.getKey().getClause() + "-" + each.getKey().getTestNumber() + ": " + each.getValue());
                }
            }
        }
        System.exit(fine ? 0 : 1);
    }
}
