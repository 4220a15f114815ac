"""The words that may stand in a message that is status alone, and the ones that no name is made of.

This is a list of what is let in: a word that stands nowhere here makes a message more than status.
"""

from typing import Final

FILLERS: Final = """
nombre asked writing application applications petition petitions card cards presented save holder holders recipient
beneficiary a an the of is was are were be been being as to for by with from in on that this these those it its he she
they his her their who whom whose which and or but not no nor none neither either both has had have does do did am i
we you our us your my mine s please note noted following below above hereby herein per pursuant under accordance
regarding re concerning about relating related respect reference ref request requests requested requesting inquiry
inquiries inquired enquiry query queries queried question questions response respond responding responds reply
replying answer answers answering answered information info data record records recorded file files filed database
check checks checked result results confirm confirms confirmed confirming confirmation verify verifies verified
verifying verification verifiable indicate indicates indicated indicating show shows shown states stated report
reported reports reporting list listed lists determine determined determines determination according based upon claim
claims claimed claiming say says said tell told advise advised advises inform informed self declared declares declare
subject individual individuals person persons people applicant named name names known current currently presently
previous previously formerly former prior new unknown undetermined unverified unconfirmed undeclared undisclosed surname
redacted unspecified country countries federal law section sec title code statute statutory permitted permits required
requires require authorized mr mrs ms mx dr attached attachment enclosed enclosure document documents documented
documentation copy copies letter form notice certificate certified disclosed disclosure disclose matter only solely
merely also additionally further remains remain become became becomes still since effective issued granted approved
denied revoked terminated expired expires expire expiration valid invalid pending adjusted obtained acquired admitted
entered entry renewed possesses appears appear seems believed consistent foreign dual primary secondary other another
more any all some same yes true false y n nil unable cannot can may could would will shall if than then there where
when what whether because due such each every conditional temporary permanent legal illegal regular irregular class
category classification type kind basis number numbers num id uscis dhs ice cbp lesc ins via email message usa stamp
dated reflect reflects reflected
america american subsection para paragraph chapter act ina cfr u c usc et seq hello hi dear greetings good attention
attn sincerely regards respectfully cordially thanks thank truly best warm fw fwd aw wg tr sv cc bcc begin de la
el los las del es un una persona solicitud respuesta informacion segun estado con por su desconocido desconocida
"""

ANCHORLESS: Final = """
re fw fwd information request requests inquiry inquiries query response reply answer answers to your our the a an of
in on for from letter message please thank thanks you regards dear hello hi good sir madam attention attn sincerely
respectfully cordially yours truly best kind warm submitted officer agent per pursuant under federal law this is and
or see attached attachment enclosed document mr mrs ms mx dr team office confirm provided following below above
requested regarding reference ref subject name whom it may concern hereby herein as no further questions any let me us
know if have contact do not hesitate feel free i we record records sent via secure email page ends end begin
confirmation verification note only official use thx
"""
"""Words of lines that hold no status of their own: greetings, references, closings."""

TITLES: Final = """
officer deputy sergeant sgt lieutenant lt captain capt chief sheriff undersheriff detective det corporal cpl commander
major trooper agent special director manager supervisor clerk records record specialist technician coordinator analyst
liaison administrator assistant senior secretary counsel attorney city county state town township village police
department dept office division bureau unit section public safety services service government administration
compliance legal freedom privacy data information custodian badge id no ext extension phone tel telephone fax direct
main email e mail web www the of and for district
"""
"""Words of a signature: titles, the sender's own agency, its telephone."""

NOT_NAMES: Final = """
pd so sheriffs lpd dept department agency county jail office records division unit bureau active inactive pending
closed a an the this that these those i me we us you he him she her it they them his hers its their theirs my our your
mine ours yours who what when where why how which am is are was were be been being do does did done have has had
having can could will would shall should may might must get gets got gotten getting go goes went gone going come comes
came coming take takes took taken taking give gives gave given giving make makes made making see sees saw seen seeing
look looks looked know knows knew known think tell tells told say says said ask asks asked call calls called calling
send sends sent bring brings brought keep keeps kept hold holds held put puts run runs ran running walk walks walked
stay stays stayed leave leaves left leaving wait waits waited waiting meet meets met stop stops stopped start starts
started begin begins began end ends ended open opens opened close closes turn turns turned move moves moved pick picks
picked drop drops dropped let lets show shows find finds found use uses need needs want wants try help arrive arrives
arrived depart departs departed return returns returned back about above after again against all almost along already
also although always among and another any anybody anyone anything around as at away because before behind below
beside between beyond both but by down during each early either else enough even ever every everybody everyone
everything except few first for from front further here hereby however if in inside instead into just last late later
least less like likely long many maybe more most much near nearly neither never next no nobody none nor not nothing
now of off often on once one only onto or other others out outside over own past per perhaps please quite rather ready
really right same second several since some somebody someone something sometimes soon still such than then there
therefore third though through thru thus till to together too toward under until unless up upon usually very via well
whatever while whole with within without yes yet yesterday zero two three four five six seven eight nine ten eleven
twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty hundred thousand
half quarter dozen number fourth fifth sixth seventh eighth ninth tenth time times hour hours minute minutes seconds
day days week weeks month months year years date dates schedule scheduled morning noon afternoon evening night
midnight dawn dusk sunrise sunset shift monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu
thur thurs fri sat sun today tonight tomorrow tmrw tmw place places room floor door doors gate gates entrance exit
building lot street avenue road lane boulevard drive corner garage lobby hall yard dock bay ramp tower north south
east west upper lower address house home apartment suite car van bus truck vehicle ride driver plane flight airport
station border bridge tunnel city town state man woman guy boy girl male female kid person people subject target
individual fellow friend family brother sister mother father wife husband agent agents officer officers team crew
escort guard guards staff sheriff deputy police judge lawyer attorney court available expected arriving departing
finished complete completed clear cleared free quick fast asap immediately confirm confirmed proceed copy roger
affirmative negative standby stand heads alert notice attention urgent contact reach phone email text fax note message
info details detail list roster name case file paper papers document bond bail paid posted charge charges plea
sentence served term prison custody cell pod block tank booking booked release released releasing discharge discharged
transfer transferred transport transported detain detained arrest arrested status citizen citizenship alien
immigration visa resident permanent lawful refugee asylum good bad big small old young new high low hot cold dark
bright red blue green white black yellow orange ese esta este estos los las una uno unos hoy manana noche tarde dia
hora sale salir viene ir listo puerta afuera salio suelto suelta sueltan vayan vengan vamos rapido temprano ord ts
ok okay fyi btw tbr reld bnd ooc otb nic kicked outs springs sprang springing collared jugged pokey brig freebird
boards shipped ships
liftoff sked skedded chef kitchen bluesedan hola
property packet cash zulu libero bo bu ko tx
hurry grab grabs fetch collect seize nab snatch intercept ambush scram vamoose quitting curbside stairwell sidewalk
parking driveway downstairs upstairs outdoors indoors onsite offsite hospital clinic infirmary greyhound motel hotel
january february july september october november december feb sept oct nov dec xmas lunchtime bedtime mealtime
dinnertime suppertime breakfasttime firstlight twentieth thirtieth fifteenth thirteenth fourteenth sixteenth
seventeenth eighteenth nineteenth eleventh twelfth
trece dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos treinta cuarenta cincuenta horas minutos
ahora ahorita pronto despues proximo proxima siguiente entrante semana mes enero febrero junio septiembre octubre
noviembre diciembre recoja recojan recojanlo apurense apurese apurate esperen espere corran corre vente venga llega
llegan suelten soltaron libres adentro dentro aqui alla afuerita
"""
"""Words that are no part of a person's name, however they are capitalised."""

ALSO_NAMES: Final = """
white brown green black gray grey young long west north east south hall lane park parks day hope march april may june
august rose king bishop ward wood woods stone hill rivers field fields marsh lake bond bonds rice cook baker carter
mason hunter fisher law chase dawn summer autumn eve banks booker walker head bell bright english french german irish
welsh scott israel jordan chad georgia cuba india roman kenya ireland holland england frank grant mark will bill jack
rob rich art dale dean drew glen guy jay lance miles pat ray skip victor grace faith joy
cash bo bu ko tx
"""
"""Words that tell something alone and are names beside another name: Michael Brown, Jordan Smith."""

GIVEN: Final = """
frank grant mark will bill jack rob rich art dale dean drew glen guy jay lance miles pat ray skip victor grace faith
joy israel jordan chad georgia dawn summer autumn eve april may june august rose hope chase india kenya scott
"""
"""Those of them that are given names."""
